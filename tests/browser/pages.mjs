// Owns what a reader's browser has to say about the built site: every page is opened in Chromium
// under the strict policy, and must load without a complaint, ask nobody else for anything, and
// pass axe. One page of each type is opened again as other readers meet it. It never looks at
// links (links.mjs) or at markup as text (vnu.mjs).
//
//     node pages.mjs FOLDER BASE_URL

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { launch } from './chromium.mjs';
import { serve } from './serve.mjs';
import { Report, argumentsOr, isRedirect, pages, pathOf, pathOfPage, read, sample } from './site.mjs';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'EN-301-549', 'best-practice'];
const UNKNOWN = 'no/such/address/';
const AT_ONCE = 3; // Pages open at the same time: two cores are busy with three, and no more.

// How a page is met. `options` are those of a browser context, `media` that of the page.
const READERS = {
  light: {},
  dark: { options: { colorScheme: 'dark' } },
  'forced colours': { options: { forcedColors: 'active' }, forced: true },
  'reduced motion': { options: { reducedMotion: 'reduce' }, still: true },
  'no JavaScript': { options: { javaScriptEnabled: false }, withoutAxe: true },
  // As on a telephone, where a page without a viewport declaration is laid out 980 pixels wide.
  '320 px': { options: { viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true } },
  print: { options: { viewport: { width: 794, height: 1123 } }, media: 'print' },
};

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const report = new Report();

// Runs in the page: what must hold of every page in every setting, as [rule, detail] pairs.
function inspect({ width, still }) {
  const found = [];
  const shown = (element) => element.getClientRects().length > 0 && getComputedStyle(element).visibility === 'visible';
  if (!document.documentElement.lang.trim()) found.push(['html-lang', 'html has no lang']);
  if (!document.title.trim()) found.push(['title', 'no title']);
  for (const name of ['h1', 'main']) {
    const all = [...document.querySelectorAll(name)];
    if (all.length !== 1) found.push([`one-${name}`, `${all.length} of ${name}`]);
    else if (!shown(all[0])) found.push([`visible-${name}`, `${name} cannot be seen`]);
    else if (!all[0].innerText.trim()) found.push([`empty-${name}`, `${name} has no text`]);
  }
  const wide = document.documentElement.scrollWidth;
  if (wide > width) {
    const widest = [...document.body.querySelectorAll('*')].find((each) => each.getBoundingClientRect().right > width + 1);
    const name = widest ? [widest.tagName.toLowerCase(), ...widest.classList].join('.') : 'html';
    found.push(['overflow', `${wide} px wide where ${width} px are there: ${name}`]);
  }
  if (still) {
    const moving = document.getAnimations().filter((each) => each.playState === 'running');
    for (const each of moving) {
      const name = each.animationName ?? each.transitionProperty ?? 'script';
      found.push(['motion', `${each.effect?.target?.tagName.toLowerCase()} moves: ${name}`]);
    }
    const { scrollBehavior } = getComputedStyle(document.documentElement);
    if (scrollBehavior === 'smooth') found.push(['motion', 'html scrolls smoothly']);
  }
  return found;
}

// Runs in the page, where axe is already: the violations as [rule, selector] pairs.
async function violations({ tags, forced }) {
  if (forced) {
    // axe takes the colour of a text from -webkit-text-fill-color, to which Chromium does not
    // apply the forced colours, and would compare a colour that nobody sees. Without it, it takes
    // `color`, which is right.
    const original = CSSStyleDeclaration.prototype.getPropertyValue;
    CSSStyleDeclaration.prototype.getPropertyValue = function (name) {
      return name === '-webkit-text-fill-color' ? '' : original.call(this, name);
    };
  }
  const result = await axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] });
  const selector = (node) => node.target.flat(Infinity).join(' ');
  return result.violations.flatMap(({ id, nodes }) => nodes.slice(0, 5).map((node) => [`axe:${id}`, selector(node)]));
}

// Opens the addresses one after the other in one page, until the shared queue is empty.
async function visit(context, queue, setting, server, redirects) {
  const { media, still = false, forced = false, withoutAxe = false } = READERS[setting];
  const page = await context.newPage();
  if (media) await page.emulateMedia({ media });
  const { width } = page.viewportSize();
  let address;
  const fail = (rule, detail) => report.fail(address, rule, detail, setting);

  page.on('pageerror', (error) => fail('page-error', error.message));
  page.on('console', (message) => {
    // Chromium reports every 404: also that of the page which answers an unknown address, and that
    // of the icon which it looks for on its own behalf where a page (a redirect) names none.
    const excused = [server.home + UNKNOWN, `${server.origin}/favicon.ico`].includes(message.location().url);
    if (message.type() === 'error' && !(excused && /status of 404/.test(message.text()))) fail('console', message.text());
  });
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (!['data:', 'blob:'].includes(url.protocol) && url.origin !== server.origin) fail('other-origin', url.href);
  });
  page.on('response', (response) => {
    const expected = response.url() === server.home + UNKNOWN ? 404 : 200;
    if (response.status() !== expected) fail('status', `${response.status()} for ${response.url().slice(server.origin.length)}`);
  });

  for (address = queue.shift(); address !== undefined; address = queue.shift()) {
    try {
      await page.goto(server.home + address, { waitUntil: 'load', timeout: 30_000 });
      if (redirects.has(address)) {
        // Only the journey counts here; where it ends is a page that is checked for itself.
        await page.waitForURL((url) => url.href !== server.home + address, { timeout: 5_000 });
        continue;
      }
      for (const [rule, detail] of await page.evaluate(inspect, { width, still })) fail(rule, detail);
      if (withoutAxe) continue;
      await page.evaluate(axe); // Not addScriptTag: the policy of the page refuses it, rightly.
      for (const [rule, selector] of await page.evaluate(violations, { tags: TAGS, forced })) fail(rule, selector);
    } catch (error) {
      fail('open', error.message.split('\n')[0]);
    }
  }
  await page.close();
}

const [folder, baseUrl] = argumentsOr('pages.mjs FOLDER BASE_URL', 2);
const started = Date.now();
const all = pages(folder);
const redirects = new Set(all.filter((address) => isRedirect(read(folder, pathOfPage(address)))));
const types = sample(all.filter((address) => !redirects.has(address)));
const server = await serve(folder, pathOf(baseUrl));
const browser = await launch();
try {
  for (const setting of Object.keys(READERS)) {
    const queue = setting === 'light' ? [...all, UNKNOWN] : [...types];
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...READERS[setting].options });
    await Promise.all(Array.from({ length: AT_ONCE }, () => visit(context, queue, setting, server, redirects)));
    await context.close();
  }
} finally {
  await browser.close();
  server.close();
}
const seconds = Math.round((Date.now() - started) / 1000);
report.finish(
  `pages: ${all.length} pages (${redirects.size} of them redirects) and an unknown address in light, ` +
    `${types.length} types in ${Object.keys(READERS).length - 1} more settings, ${seconds} s`,
);
