// Takes the pictures of docs/screenshots/ anew: `npm run screenshots`. Not a test, and not run by CI.
import { defineConfig } from "@playwright/test";

import config from "./playwright.config.ts";
import type { Options } from "./support/test.ts";

export default defineConfig<Options>({
  ...config,
  testDir: "screenshots",
  testMatch: "*.ts",
  metadata: { devices: 240 },
  timeout: 300_000,
  projects: [{ name: "screenshots", use: { viewport: { width: 1280, height: 800 }, colorScheme: "light" } }],
});
