// The `test` of every spec: knows the sandbox, and fails a test whose pages complained.
import { test as base, expect } from "@playwright/test";

import { readSandbox, type Sandbox } from "./sandbox.ts";

export interface Options {
  /** Complaints that a test provokes on purpose, such as the browser's own line about an answer of 403. */
  expectedComplaints: RegExp[];
}

interface Fixtures {
  sandbox: Sandbox;
  /** Console errors and uncaught exceptions of all pages so far; must be none at the end of the test. */
  complaints: string[];
}

export const test = base.extend<Options & Fixtures>({
  expectedComplaints: [[], { option: true }],
  sandbox: async ({}, use) => use(readSandbox()),
  baseURL: async ({ sandbox }, use) => use(sandbox.console_url),
  complaints: [
    async ({ context, expectedComplaints }, use) => {
      const complaints: string[] = [];
      const note = (text: string) => {
        if (!expectedComplaints.some((expected) => expected.test(text))) complaints.push(text);
      };
      context.on("console", (message) => {
        if (message.type() === "error") note(`${message.text()} (${message.location().url})`);
      });
      context.on("weberror", (error) => note(error.error().stack ?? error.error().message));
      await use(complaints);
      expect(complaints, "errors in the browser's console").toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };
