// How the browser tests run: one sandbox for all of them, one worker because they share its state, each test once
// with JavaScript and once without.
import { defineConfig, devices } from "@playwright/test";

import type { Options } from "./support/test.ts";

const desktop = devices["Desktop Chrome"];

export default defineConfig<Options>({
  testDir: "tests",
  metadata: { devices: 60 },
  globalSetup: "./support/setup.ts",
  workers: 1,
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  // A debug build on a busy machine needs its time; a fast one does not wait for it.
  timeout: 90_000,
  expect: { timeout: 20_000 },
  reporter: [["list"]],
  use: {
    ...desktop,
    timezoneId: "UTC",
    actionTimeout: 20_000,
    navigationTimeout: 20_000,
    trace: { mode: "retain-on-failure", screenshots: false },
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  projects: [
    { name: "js", use: { javaScriptEnabled: true } },
    // What must look right is the same without JavaScript, and axe needs it. What moves is not there.
    { name: "nojs", use: { javaScriptEnabled: false }, testIgnore: ["look.spec.ts", "live.spec.ts"] },
  ],
});
