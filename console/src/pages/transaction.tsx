export const Transaction = () => null;
