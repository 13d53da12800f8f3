// The page of 03-streaming, as somebody sees it who asks twice and stops once.
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

/** Ignored by Git: to be looked at after a run. */
const SCREENSHOTS = join(import.meta.dirname, '../screenshots');

const SCREENS = {
  light: { width: 1000, height: 940, colorScheme: 'light' },
  dark: { width: 1000, height: 940, colorScheme: 'dark' },
  narrow: { width: 380, height: 760, colorScheme: 'light' },
};

export async function lookAtChat(url, executablePath) {
  const browser = await chromium.launch({
    executablePath,
    // As root, as in a container, Chromium has no sandbox.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  try {
    const page = await browser.newPage({ viewport: SCREENS.light });
    const problems = [];
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    await page.goto(url);
    await readToTheEnd(page);
    await stopInTheMiddle(page);
    await takeScreenshots(page);
    deepEqual(problems, []);
  } finally {
    await browser.close();
  }
}

async function readToTheEnd(page) {
  await page.getByLabel('Question').fill('What is a stream?');
  await page.keyboard.press('Enter');
  const answer = page.locator('.answer').first();
  // Two states of one answer: it grows while it is read.
  await page.waitForFunction(hasText, 'streaming');
  const early = await answer.textContent();
  ok(!early.endsWith('the last.'), 'the first words are there before the last');
  await page.locator('.answer[data-state=complete]').waitFor();
  match(await answer.textContent(), /^A streamed answer .* the last\.$/);
  const trace = page.locator('.trace pre').first();
  await trace.waitFor();
  const tree = await trace.textContent();
  match(tree, /GET \/chat[^]*ChatService\.answer[^]*GENERATION/);
  match(tree, /first word after \d+ ms$/);
  equal(await trace.locator('mark').count(), 0);
}

async function stopInTheMiddle(page) {
  await page.getByRole('button', { name: 'lighthouse' }).click();
  await page.waitForFunction(hasText, 'streaming');
  await screenshot(page, 'streaming');
  await page.getByRole('button', { name: 'Stop' }).click();
  const answer = page.locator('.answer[data-state=stopped]');
  const stopped = await answer.textContent();
  const trace = page.locator('.trace pre').nth(1);
  await trace.waitFor();
  equal(await answer.textContent(), stopped, 'nothing comes after the stop');
  const [request, ...streams] = await trace.locator('mark').allTextContents();
  equal(request, 'WARNING the client closed the connection');
  equal(streams.length, 2);
  for (const text of streams) match(text, /^stopped after \d+ chunks?$/);
  ok(await page.getByRole('button', { name: 'Send' }).isVisible());
}

/** Runs in the page: whether the answer in that state has several words. */
function hasText(state) {
  const answer = document.querySelector(`.answer[data-state=${state}]`);
  return (answer?.textContent ?? '').split(' ').length > 6;
}

async function takeScreenshots(page) {
  for (const [name, { colorScheme, ...size }] of Object.entries(SCREENS)) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(size);
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await screenshot(page, name);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - innerWidth,
    );
    equal(overflow, 0, `the page is too wide on the screen "${name}"`);
  }
}

function screenshot(page, name) {
  return page.screenshot({
    path: join(SCREENSHOTS, `03-streaming-${name}.png`),
  });
}
