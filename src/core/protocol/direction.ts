/** Who sends an event: the client, the server, or Earshot itself (events of type `earshot.*`). */
export type From = 'client' | 'server' | 'console';
