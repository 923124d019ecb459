// Owns the map between a built site on disk and its addresses, and the way in which every check
// here reports. It only reads, and it knows neither a browser nor a parser.
//
// An address is written relative to the home page, without a slash in front: '' is the home page,
// 'meetings/' a section, 'theme/main.css' a file.

import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';

// Returns every file of the folder as an address of a file, in the order of their names.
export function files(folder) {
  const found = [];
  const visit = (inside) => {
    for (const entry of readdirSync(join(folder, inside), { withFileTypes: true })) {
      const path = inside + entry.name;
      if (entry.isDirectory()) visit(`${path}/`);
      else found.push(path);
    }
  };
  visit('');
  return found.sort();
}

export const read = (folder, path) => readFileSync(join(folder, path), 'utf8');

// Returns the address at which a file is met: 'meetings/index.html' stands at 'meetings/'.
export const addressOf = (path) => path.replace(/(^|\/)index\.html$/, '$1');

// Returns the file that stands at an address, the other way round.
export const pathOfPage = (address) => (address === '' || address.endsWith('/') ? `${address}index.html` : address);

// Returns the file that a server would send for a path below the home page, or null. The path is
// already decoded and may come from a request, so nothing above the folder is ever returned.
export function fileFor(folder, path) {
  const root = resolve(folder);
  const file = join(root, pathOfPage(path));
  if (file.includes('\0') || !file.startsWith(root + sep)) return null;
  return existsSync(file) && statSync(file).isFile() ? file : null;
}

// Returns the addresses of all pages: every index.html, and 404.html.
export function pages(folder) {
  const found = files(folder).filter((path) => /(^|\/)index\.html$/.test(path) || /(^|\/)404\.html$/.test(path));
  if (!found.includes('index.html')) throw new Error(`no index.html in ${folder}: is the site built?`);
  return found.map(addressOf);
}

// A page that only sends the reader on, for an alias. It has no text of its own to check.
export const isRedirect = (html) => /<meta\b[^>]*http-equiv\s*=\s*["']?refresh/i.test(html);

// Returns one page of each type: the first of every language, first path segment and depth.
export function sample(addresses) {
  const types = new Map();
  for (const address of addresses) {
    const segments = address.split('/').filter(Boolean);
    const language = /^[a-z]{2}$/.test(segments[0] ?? '') ? segments.shift() : '';
    const type = `${language}/${segments[0] ?? ''}/${segments.length}`;
    if (!types.has(type)) types.set(type, address);
  }
  return [...types.values()];
}

// Collects failures, each once, and ends the script with a summary line and its exit code.
export class Report {
  #failures = new Map();

  // `where` is an address, `rule` a short name, `detail` a selector or a sentence; `setting` says
  // in which of several runs it failed, so that the same failure in all of them is one line.
  fail(where, rule, detail, setting = '') {
    const line = `/${where}  ${rule}  ${String(detail).replace(/\s+/g, ' ').slice(0, 400)}`;
    const settings = this.#failures.get(line) ?? new Set();
    this.#failures.set(line, settings.add(setting));
  }

  finish(summary, most = 200) {
    const lines = [...this.#failures].map(([line, settings]) => {
      const named = [...settings].filter(Boolean).join(', ');
      return named ? `${line}  [${named}]` : line;
    });
    for (const line of lines.sort().slice(0, most)) console.log(`FAIL ${line}`);
    if (lines.length > most) console.log(`… and ${lines.length - most} more`);
    console.log(`${summary}: ${lines.length} failures`);
    process.exitCode = lines.length === 0 ? 0 : 1;
  }
}

// Ends the script with code 2 and its usage when an argument is missing; else returns them all.
export function argumentsOr(usage, count) {
  const given = process.argv.slice(2);
  if (given.length < count) {
    console.error(`usage: node ${usage}`);
    process.exit(2);
  }
  return given;
}

// Returns the path of base_url, with its final slash: '/' or '/centre/'.
export const pathOf = (baseUrl) => new URL(baseUrl).pathname.replace(/\/?$/, '/');
