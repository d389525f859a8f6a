/** Style sheets are imported for what they do (Vite takes them up). */
declare module '*.css';
declare module 'graphiql/setup-workers/vite';
