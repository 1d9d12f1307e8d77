export const Replays = () => null;
