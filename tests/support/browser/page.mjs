// A page in a real browser: what it asks for and may not do, what bars people from it, where its focus is.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const launch = () =>
  chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });

/** Notes what a page says, asks for and may not do. */
export async function watch(page) {
  const seen = { console: [], errors: [], violations: [], requests: [], failed: [] };
  page.on('console', (message) => seen.console.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => seen.errors.push(String(error)));
  page.on('request', (request) => seen.requests.push(request.url()));
  page.on('response', (response) => {
    if (response.status() >= 400) seen.failed.push(`${response.status()} ${response.url()}`);
  });
  await page.exposeFunction('noteViolation', (text) => seen.violations.push(text));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      window.noteViolation(`${violatedDirective} ${blockedURI}`);
    });
  });
  return seen;
}

/** Runs axe; returns what bars somebody, and which rules hold. */
export async function barriers(page) {
  await page.evaluate(axe);
  const { violations, passes } = await page.evaluate(() => window.axe.run());
  return {
    barriers: violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
    rules: passes.map(({ id }) => id),
  };
}

/** Presses Tab; returns what has the focus then, and how that is outlined. */
export async function tab(page) {
  await page.keyboard.press('Tab');
  return page.evaluate(() => {
    const { outlineStyle } = getComputedStyle(document.activeElement);
    return `${document.activeElement.localName} ${outlineStyle}`;
  });
}
