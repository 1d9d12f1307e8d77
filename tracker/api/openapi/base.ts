/** Where everything is. */
export const BASE = '/api/v1';
