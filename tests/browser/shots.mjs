// Owns the pictures of the built site for people to look at: they are compared with nothing. Each
// address is drawn at three widths, dark, and without its stylesheets, into target/shots/.
//
//     node shots.mjs FOLDER [ADDRESS…]
//
// Without addresses, one page of each type. The site is served below the path that its home page
// names as its own.

import { mkdirSync, rmSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from './chromium.mjs';
import { serve } from './serve.mjs';
import { argumentsOr, isRedirect, pages, pathOf, pathOfPage, read, sample } from './site.mjs';

const SHOTS = [
  { name: '320', width: 320 },
  { name: '768', width: 768 },
  { name: '1440', width: 1440 },
  { name: '1440-dark', width: 1440, colorScheme: 'dark' },
  { name: '1440-plain', width: 1440, withoutCss: true },
];

const [folder, ...given] = argumentsOr('shots.mjs FOLDER [ADDRESS…]', 1);
const seen = pages(folder).filter((address) => !isRedirect(read(folder, pathOfPage(address))));
const addresses = given.length > 0 ? given.map((address) => address.replace(/^\//, '')) : sample(seen);
const target = fileURLToPath(new URL('../../target/shots/', import.meta.url));
rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });

const canonical = /<link\b(?=[^>]*rel="?canonical)[^>]*href="?(https?:[^"\s>]+)/.exec(read(folder, 'index.html'))?.[1];
const server = await serve(folder, canonical ? pathOf(canonical) : '/');
const browser = await launch();
try {
  for (const { name, width, colorScheme = 'light', withoutCss = false } of SHOTS) {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, reducedMotion: 'reduce' });
    if (withoutCss) {
      const plain = (route) => (route.request().resourceType() === 'stylesheet' ? route.abort() : route.continue());
      await context.route('**/*', plain);
    }
    const page = await context.newPage();
    for (const address of addresses) {
      await page.goto(server.home + address, { waitUntil: 'load' });
      const file = `${address.replace(/\/$/, '').replace(/[^\w.-]+/g, '_') || 'home'}-${name}.png`;
      await page.screenshot({ path: target + file, fullPage: true });
    }
    await context.close();
  }
} finally {
  await browser.close();
  server.close();
}
console.log(`shots: ${addresses.length} addresses × ${SHOTS.length} in ${relative(process.cwd(), target)}`);
