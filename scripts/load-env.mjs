// For `npm start`: reads `.env` where there is one. Variables that are set already win. The program itself reads no file, so
// that neither a container nor a test takes one by accident, and Node's `--env-file` needs the file to be there.
import { existsSync } from 'node:fs';

if (existsSync('.env')) process.loadEnvFile('.env');
