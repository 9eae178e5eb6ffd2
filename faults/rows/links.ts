/** The sidecar has two connections, and may lose what is in flight on each at another time. */
export const LINKS = 2
