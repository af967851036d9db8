import type { BrowserContextOptions, Page } from 'playwright-core';
import { findProgram } from './database-server.ts';
import { reportMissing } from './server-database.ts';
import type { Cleanup } from './temporary-folder.ts';

const program = findProgram('chromium');
const MISSING = 'Chromium (Debian: chromium) is not installed';
reportMissing(MISSING, program === undefined);

/** Why a test that needs a browser is skipped, or false. */
export const NO_BROWSER = program === undefined && MISSING;

/** A window of its own, with nothing kept from others. */
export interface Window {
  readonly page: Page;
  /** What Chromium has said so far: scripts that fail, what a policy refuses, requests that fail. */
  readonly console: readonly string[];
}

export interface TestBrowser {
  /** Opens an empty window, which is closed with the browser. */
  open(options?: BrowserContextOptions): Promise<Window>;
}

/** Each name leads to this machine. */
const NAMES = '--host-resolver-rules=MAP * 127.0.0.1';

/** Starts Chromium on a profile in a temporary folder; ended when the test ends. */
export async function startBrowser(t: Cleanup): Promise<TestBrowser> {
  const { chromium } = await import('playwright-core');
  // Chromium's sandbox refuses to run as root.
  const chromiumSandbox = process.getuid?.() !== 0;
  const browser = await chromium.launch({ executablePath: program ?? '', chromiumSandbox, args: [NAMES] });
  t.after(() => browser.close());
  return {
    async open(options = {}) {
      const context = await browser.newContext({ locale: 'en-US', ...options });
      const page = await context.newPage();
      const console: string[] = [];
      page.on('console', (message) => console.push(message.text()));
      page.on('pageerror', (error) => console.push(String(error)));
      return { page, console };
    },
  };
}

/** Sizes of windows: the smallest phone, and a usual screen. */
export const PHONE = { width: 320, height: 640 } as const;
export const DESKTOP = { width: 1280, height: 900 } as const;
