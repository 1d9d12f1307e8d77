export const Document = () => null;
