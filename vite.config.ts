import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  root: 'portal',
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // The query editor is Monaco: 2.8 MB, loaded by the people who open it.
    chunkSizeWarningLimit: 8000,
    rollupOptions: {
      input: {
        portal: resolve(import.meta.dirname, 'portal/index.html'),
        graphiql: resolve(import.meta.dirname, 'portal/graphiql.html'),
        document: resolve(import.meta.dirname, 'portal/document.html'),
      },
      onwarn(warning, warn) {
        // GraphiQL tells the React compiler to leave its files alone ("use no memo"); we do not run that compiler.
        if (warning.code === 'MODULE_LEVEL_DIRECTIVE' && warning.message.includes('use no memo')) return;
        warn(warning);
      },
    },
  },
});
