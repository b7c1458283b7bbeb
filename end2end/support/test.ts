// The `test` of every spec: knows the sandbox and its people, and fails a test whose pages complained.
import { type BrowserContext, expect, type Page, test as base } from "@playwright/test";

import { type Person, signIn } from "./people.ts";
import { readSandbox, type Sandbox } from "./sandbox.ts";

export interface Options {
  /** Complaints that a test provokes on purpose, such as the browser's own line about an answer of 403. */
  expectedComplaints: RegExp[];
}

interface Fixtures {
  sandbox: Sandbox;
  /** Console errors and uncaught exceptions of all pages so far; must be none at the end of the test. */
  complaints: Complaints;
  /** A page in a browser of its own, in which that person is signed in. */
  pageOf: (person: Person, path?: string) => Promise<Page>;
}

class Complaints {
  readonly texts: string[] = [];

  constructor(private readonly expected: RegExp[]) {}

  watch(context: BrowserContext): void {
    context.on("console", (message) => {
      if (message.type() === "error") this.note(`${message.text()} (${message.location().url})`);
    });
    context.on("weberror", (error) => this.note(error.error().stack ?? error.error().message));
  }

  private note(text: string): void {
    if (!this.expected.some((expected) => expected.test(text))) this.texts.push(text);
  }
}

export const test = base.extend<Options & Fixtures>({
  expectedComplaints: [[], { option: true }],
  sandbox: async ({}, use) => use(readSandbox()),
  baseURL: async ({ sandbox }, use) => use(sandbox.console_url),
  complaints: [
    async ({ context, expectedComplaints }, use) => {
      const complaints = new Complaints(expectedComplaints);
      complaints.watch(context);
      await use(complaints);
      expect(complaints.texts, "errors in the browser's console").toEqual([]);
    },
    { auto: true },
  ],
  pageOf: async ({ browser, complaints }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (person, path) => {
      const context = await browser.newContext();
      contexts.push(context);
      complaints.watch(context);
      const page = await context.newPage();
      await signIn(page, person, path);
      return page;
    });
    for (const context of contexts) await context.close();
  },
});

export { expect };
