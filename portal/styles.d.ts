/** Style sheets are imported for what they do (Vite takes them up). */
declare module '*.css';
declare module 'graphiql/setup-workers/vite';
/** Imported for what it does: it puts itself where pdf.js looks for it. */
declare module 'pdfjs-dist/build/pdf.worker.mjs';
