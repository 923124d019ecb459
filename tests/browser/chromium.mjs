// Owns how Chromium is found and started: the one that the system brought, never a downloaded
// one, and with everything off that would speak to the network of its own accord.

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

export function launch() {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const executablePath = NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(existsSync);
  if (!executablePath) throw new Error('no Chromium on this machine: install the package `chromium`');
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox', // The tests run as root, in a container, on our own pages.
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
