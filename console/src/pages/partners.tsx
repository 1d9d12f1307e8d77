export const Partners = () => null;
