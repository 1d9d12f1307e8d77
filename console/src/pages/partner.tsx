export const Partner = () => null;
