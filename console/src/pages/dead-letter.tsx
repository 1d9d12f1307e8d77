export const DeadLetter = () => null;
