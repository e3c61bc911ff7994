import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The pages ask their own server, which passes it on to the gateway: so the gateway needs no CORS. */
const proxy = { '/graphql': process.env['GATEWAY_URL'] ?? 'http://127.0.0.1:4000' };

export default defineConfig({
  plugins: [react()],
  server: { proxy },
  preview: { proxy },
});
