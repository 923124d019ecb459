// Owns the call of the Nu Html Checker: all pages, stylesheets and drawings of the built site, in
// one call, for starting Java is what takes the time. Errors fail; warnings are printed.
//
//     node vnu.mjs FOLDER

import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Report, argumentsOr, files } from './site.mjs';

// CSS of today that this version of the checker does not know. Taken out of its errors one by one,
// so that a mistake in any other word is still found. A newer version may need fewer (tried with
// a stylesheet of one rule each, November 2026).
const NOT_KNOWN_YET = new RegExp(
  'Unrecognized at-rule “@(container|property|starting-style|view-transition)”|' +
    '“(container(-type|-name)?|field-sizing|interpolate-size|text-box)”: Property',
);

// The checker reads files and knows no origin, so it takes every file of our own for one that a
// policy in a page blocks. Chromium knows better (pages.mjs).
const BROWSERS_AFFAIR = /violates Content Security Policy/;

const [folder] = argumentsOr('vnu.mjs FOLDER', 1);
const jar = createRequire(import.meta.url).resolve('vnu-jar/build/dist/vnu.jar');
const checked = files(folder).filter((path) => /\.(html|css|svg)$/.test(path));
if (checked.length === 0) throw new Error(`nothing to check in ${folder}: is the site built?`);

const options = ['--also-check-css', '--also-check-svg', '--stdout', '--exit-zero-always', '--format', 'json'];
const paths = checked.map((path) => join(resolve(folder), path));
const java = spawnSync('java', ['-Xss1m', '-jar', jar, ...options, ...paths], { encoding: 'utf8', maxBuffer: 1 << 30 });
if (java.error) throw java.error;
if (java.status !== 0) throw new Error(`java ended with ${java.status}: ${java.stderr.slice(0, 2000)}`);

const report = new Report();
const warnings = new Map(); // message → the files that it is about, for a template makes many of one
for (const { url = '', type, subType, lastLine, message, extract = '' } of JSON.parse(java.stdout).messages) {
  const path = url ? relative(resolve(folder), fileURLToPath(url)) : '';
  if (type === 'info') {
    if (subType === 'warning' && !BROWSERS_AFFAIR.test(message)) warnings.set(message, [...(warnings.get(message) ?? []), path]);
  } else if (!NOT_KNOWN_YET.test(message)) {
    report.fail(path, `vnu:${type}`, `line ${lastLine ?? '?'}: ${message} ${extract && `[${extract.trim()}]`}`);
  }
}
for (const [message, paths] of warnings) console.log(`warning, ${paths.length} times: ${message}  (first in /${paths[0]})`);
report.finish(`vnu: ${checked.length} files, ${warnings.size} kinds of warning`);
