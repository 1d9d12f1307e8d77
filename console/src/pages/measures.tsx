export const Measures = () => null;
