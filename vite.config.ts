import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  root: 'portal',
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    chunkSizeWarningLimit: 8000,
    rollupOptions: {
      input: { home: resolve(import.meta.dirname, 'portal/index.html'), graphiql: resolve(import.meta.dirname, 'portal/graphiql.html') },
    },
  },
});
