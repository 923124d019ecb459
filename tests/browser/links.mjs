// Owns the links of the built site: whatever a page, a stylesheet, a feed, the sitemap or the
// redirects point to on this site is there. It reads files and asks no server.
//
//     node links.mjs FOLDER BASE_URL
//
// Everything is resolved twice: with the folder at the root of a plain file server, and with the
// folder at base_url. What holds in one only would break when a site moves. 404.html is the
// exception: a host sends it for addresses of any depth, so its links must hold below base_url
// wherever it is shown.

import { parse, parseFragment } from 'parse5';
import { Report, addressOf, argumentsOr, fileFor, files, isRedirect, pages, pathOfPage, read } from './site.mjs';

const [folder, baseUrl] = argumentsOr('links.mjs FOLDER BASE_URL', 2);
const report = new Report();
const base = new URL(baseUrl.replace(/\/?$/, '/'));
const HOMES = { 'at the root': new URL('http://plain.invalid/'), 'at base_url': base };
const ANYWHERE = 'no/such/address/';

// What a browser fetches without being asked. All else is a link that a reader follows.
const FETCHED = /^(stylesheet|icon|apple-touch-icon|mask-icon|manifest|preload|modulepreload|prefetch|preconnect|dns-prefetch)$/;

// The addresses in a srcset: each candidate's first word. A comma inside a word belongs to it.
const candidates = (srcset) => [...srcset.matchAll(/([^\s,]\S*?)(,+(?=\s|$)|\s[^,]*|$)/g)].map(([, address]) => address);
// The addresses in a stylesheet.
const imported = (css) =>
  [...css.matchAll(/url\(\s*["']?([^"')]+)["']?\s*\)|@import\s+["']([^"']+)["']/g)].map((match) => match[1] ?? match[2]);
// The text that an XML writer escaped.
const unescaped = (xml) =>
  xml.replace(/<!\[CDATA\[([\s\S]*?)\]\]>|&(lt|gt|quot|apos|amp|#\d+|#x[\da-f]+);/gi, (_, cdata, name) => {
    if (cdata !== undefined) return cdata;
    if (name[0] === '#') return String.fromCodePoint(Number(name.slice(1).replace(/^x/i, '0x')));
    return { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }[name.toLowerCase()];
  });

// Returns what an element points to, as { value, fetched } records.
function pointers(name, attributes) {
  const found = [];
  const add = (values, fetched) => values.forEach((value) => value !== undefined && found.push({ value: value.trim(), fetched }));
  const { rel = '', href, srcset, imagesrcset, content = '' } = attributes;

  if (name === 'link') add([href], rel.toLowerCase().split(/\s+/).some((each) => FETCHED.test(each)));
  else if (name === 'a' || name === 'area') add([href], false);
  else add([href, attributes['xlink:href']], true); // image and use, in SVG.
  add([attributes.src, attributes.poster, name === 'object' ? attributes.data : undefined], true);
  for (const set of [srcset, imagesrcset]) if (set !== undefined) add(candidates(set), true);
  add([attributes.action, attributes.formaction], false);
  if (attributes.style !== undefined) add(imported(attributes.style), true);
  if (name === 'meta' && /^refresh$/i.test(attributes['http-equiv'] ?? '')) {
    add([content.replace(/^\s*[\d.]*\s*[;,]?\s*(url\s*=\s*)?["']?|["']\s*$/gi, '')], false);
  }
  if (name === 'meta' && /(:|^)(url|image|src)$/.test(attributes.property ?? attributes.name ?? '')) add([content], false);
  return found;
}

// Walks a parsed page once: its ids (twice-used ones too), and everything it points to.
function survey(tree) {
  const page = { ids: new Set(), twice: [], pointers: [], base: false };
  const visit = (node) => {
    if (node.tagName) {
      const named = node.attrs.map((each) => [each.prefix ? `${each.prefix}:${each.name}` : each.name, each.value]);
      const attributes = Object.fromEntries(named);
      if (page.ids.has(attributes.id)) page.twice.push(attributes.id);
      else if (attributes.id !== undefined) page.ids.add(attributes.id);
      if (node.tagName === 'base') page.base = true;
      else page.pointers.push(...pointers(node.tagName, attributes));
      if (node.tagName === 'style') {
        const css = node.childNodes.map((each) => each.value).join('');
        page.pointers.push(...imported(css).map((value) => ({ value, fetched: true })));
      }
    }
    (node.content?.childNodes ?? node.childNodes ?? []).forEach(visit);
  };
  visit(tree);
  return page;
}

// With scripting off, so that what stands in noscript is parsed as the elements it holds.
const surveyed = new Map(); // file → what survey() found in it
function surveyOf(path) {
  if (!surveyed.has(path)) surveyed.set(path, survey(parse(read(folder, path), { scriptingEnabled: false })));
  return surveyed.get(path);
}

// Says what is wrong with one address, seen from `from`, or returns null.
function fault({ value, fetched }, from, home) {
  let url;
  try {
    url = new URL(value, from);
  } catch {
    return 'bad-address';
  }
  if (/^(mailto|tel|data|blob):$/.test(url.protocol)) return null;
  if (!/^https?:$/.test(url.protocol)) return 'bad-scheme';
  const within = [home, base].find((each) => url.origin === each.origin && url.pathname.startsWith(each.pathname));
  if (!within) {
    if (url.origin === home.origin || url.origin === base.origin) return 'outside-base-url';
    return fetched ? 'third-party' : null; // A link to another site is the author's affair.
  }

  let path;
  let fragment;
  try {
    path = decodeURIComponent(url.pathname.slice(within.pathname.length));
    fragment = decodeURIComponent(url.hash.slice(1).replace(/:~:.*/, ''));
  } catch {
    return 'bad-address';
  }
  if (path === ANYWHERE) path = shownAnywhere; // A link within that page, wherever it is shown.
  if (!fileFor(folder, path)) return fileFor(folder, `${path}/`) ? 'no-final-slash' : 'missing';
  if (fragment === '' || fragment === 'top') return null;
  const file = pathOfPage(path);
  if (!file.endsWith('.html')) return null; // `#page=3` of a PDF is a matter for its reader.
  return surveyOf(file).ids.has(fragment) ? null : 'missing-anchor';
}

// Every language has a 404.html; the one that is being checked.
const isNotFound = (path) => /(^|\/)404\.html$/.test(path);
let shownAnywhere = '404.html';

let checked = 0;
function check(where, pointer, from, home, setting) {
  checked += 1;
  const rule = fault(pointer, from, home);
  if (rule) report.fail(where, rule, pointer.value, setting);
}

const all = files(folder);

for (const path of all.filter((each) => each.endsWith('.html'))) {
  const address = addressOf(path);
  const page = surveyOf(path);
  for (const id of new Set(page.twice)) report.fail(address, 'id-twice', `#${id}`);
  if (page.base) report.fail(address, 'base-element', 'the policy refuses it, and in-page links would leave the page');
  for (const [setting, home] of Object.entries(HOMES)) {
    if (isNotFound(path) && home !== base) continue;
    shownAnywhere = path;
    const from = new URL(isNotFound(path) ? ANYWHERE : encodeURI(address), home);
    for (const pointer of page.pointers) check(address, pointer, from, home, setting);
  }
}

for (const path of all.filter((each) => each.endsWith('.css'))) {
  for (const [setting, home] of Object.entries(HOMES)) {
    for (const value of imported(read(folder, path)).filter((each) => !each.startsWith('#'))) {
      check(path, { value, fetched: true }, new URL(encodeURI(path), home), home, setting);
    }
  }
}

// Feeds and the sitemap are read far from the site: every address in them is absolute.
const absolute = (where, value) => {
  if (/^[a-z][a-z\d+.-]*:/i.test(value)) check(where, { value, fetched: false }, base, base);
  else report.fail(where, 'not-absolute', value);
};
for (const path of all.filter((each) => /(^|\/)feed\.xml$/.test(each))) {
  const xml = read(folder, path);
  for (const [, tag] of xml.matchAll(/<((?:atom:)?link\b[^>]*)>/g)) absolute(path, unescaped(/\bhref\s*=\s*["']([^"']*)/.exec(tag)?.[1] ?? ''));
  for (const [, kind, text] of xml.matchAll(/<(?:content|summary)\b([^>]*)>([\s\S]*?)<\/(?:content|summary)>/g)) {
    const html = /type\s*=\s*["']html["']/.test(kind) ? unescaped(text) : text;
    for (const { value } of survey(parseFragment(html)).pointers) absolute(path, value);
  }
}
if (all.includes('sitemap.xml')) {
  const xml = read(folder, 'sitemap.xml');
  const addresses = [...xml.matchAll(/<loc>\s*([^<]*?)\s*<\/loc>/g), ...xml.matchAll(/<xhtml:link\b[^>]*\bhref\s*=\s*["']([^"']*)/g)];
  for (const [, address] of addresses) absolute('sitemap.xml', unescaped(address));
}
if (all.includes('robots.txt')) {
  for (const [, address] of read(folder, 'robots.txt').matchAll(/^\s*sitemap:\s*(\S+)/gim)) absolute('robots.txt', address);
}

// A line of _redirects: from, to, and perhaps a status. Hosts read both from the root of the host
// or of the folder, so a path may or may not begin with the path of base_url.
if (all.includes('_redirects')) {
  for (const line of read(folder, '_redirects').split('\n')) {
    const [from, to] = line.replace(/^\s*#.*/, '').trim().split(/\s+/);
    if (!from || /[*:]/.test(from)) continue; // A pattern has no single target.
    const below = (path) => (path.startsWith(base.pathname) ? path : base.pathname + path.replace(/^\//, ''));
    if (to === undefined) report.fail('_redirects', 'no-target', from);
    else check('_redirects', { value: /^https?:/.test(to) ? to : below(to), fetched: false }, base, base);
    const path = decodeURI(below(from).slice(base.pathname.length));
    if (fileFor(folder, path) && !isRedirect(read(folder, pathOfPage(path)))) report.fail('_redirects', 'shadows-page', from);
  }
}

report.finish(`links: ${pages(folder).length} pages, ${all.length} files, ${checked} addresses resolved`);
