// Listens as the web server in Express of docs/web-servers.md, and says where. It ends when its input does.
import { app } from './express.mjs';

const server = app.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));
process.stdin.on('end', () => process.exit()).resume();
