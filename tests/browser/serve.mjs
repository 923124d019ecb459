// Owns a static file server for a built site, on loopback, as plain as the hosts that a site will
// meet: a folder, a path in front of it, 404.html for what is not there. It never compresses,
// rewrites or guesses, so that whatever works here works everywhere.
//
//     node serve.mjs FOLDER [PREFIX] [PORT]

import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { argumentsOr, fileFor } from './site.mjs';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.csv': 'text/csv; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.xml': 'application/xml; charset=utf-8',
  '.ics': 'text/calendar; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
  '.avif': 'image/avif',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.pdf': 'application/pdf',
  '.wasm': 'application/wasm',
};

// The policy that every site is promised to work under (DEPENDENCIES.md). It goes with pages
// only: a worker takes the policy of its own file, and that one is the host's affair. The search
// page alone may compile WebAssembly.
function policy(path) {
  const script = /(^|\/)search\/$/.test(path) ? "'self' 'wasm-unsafe-eval'" : "'self'";
  return (
    `default-src 'none'; script-src ${script}; style-src 'self'; img-src 'self' data:; font-src 'self'; ` +
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
  );
}

// Serves the folder below the prefix. Port 0 lets the system pick one.
export async function serve(folder, prefix = '/', port = 0) {
  const root = resolve(folder);

  const server = createServer((request, response) => {
    const send = (status, file, path, headers = {}) => {
      const type = TYPES[extname(file).toLowerCase()] ?? 'application/octet-stream';
      const page = type.startsWith('text/html') ? { 'content-security-policy': policy(path) } : {};
      response.writeHead(status, { 'content-type': type, 'x-content-type-options': 'nosniff', ...page, ...headers });
      if (request.method === 'HEAD') response.end();
      else createReadStream(file).on('error', () => response.destroy()).pipe(response);
    };
    const refuse = (status, headers = {}) => {
      response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers });
      response.end(`${status}\n`);
    };

    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405, { allow: 'GET, HEAD' });
    let path;
    try {
      path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    } catch {
      return refuse(400);
    }
    if (!path.startsWith(prefix)) return refuse(404);
    path = path.slice(prefix.length);

    const file = fileFor(root, path);
    if (file) return send(200, file, path);
    // A folder without its final slash: hosts send the reader on, and so do we.
    if (path !== '' && fileFor(root, `${path}/`)) return refuse(301, { location: encodeURI(`${prefix}${path}/`) });
    const missing = fileFor(root, '404.html');
    return missing ? send(404, missing, path) : refuse(404);
  });

  await new Promise((done, failed) => server.once('error', failed).listen(port, '127.0.0.1', done));
  const origin = `http://127.0.0.1:${server.address().port}`;
  return {
    origin,
    home: origin + prefix,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [folder, prefix = '/', port = '0'] = argumentsOr('serve.mjs FOLDER [PREFIX] [PORT]', 1);
  console.log((await serve(folder, `/${prefix}/`.replace(/\/+/g, '/'), Number(port))).home);
}
