// Starts one sandbox for all tests, from the programs that `cargo xtask build` made, and stops it afterwards. A test that
// breaks things starts one of its own.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type { FullConfig } from "@playwright/test";

import { CONSOLE, expectBuilt, hasEnded, keepLog, SANDBOX, SITE, stop } from "./programs.ts";
import { DATA, readSandbox } from "./sandbox.ts";

const READY_WITHIN_MS = 180_000;

/** `metadata.devices` of the configuration is how many healthy devices there are. */
export default async function start(config: FullConfig): Promise<() => Promise<void>> {
  const running = process.env[DATA];
  if (running) {
    readSandbox(); // somebody else's sandbox: use it, leave it running
    return async () => {};
  }
  const { data, stop: end } = await startSandbox(Number(config.metadata.devices));
  process.env[DATA] = data;
  return end;
}

/** Starts one with so many healthy devices, and so many certificates by a stolen key; gives the folder of its data, and what stops it. */
export async function startSandbox(devices: number, incident = 0): Promise<{ data: string; stop: () => Promise<void> }> {
  expectBuilt();
  const data = mkdtempSync(join(tmpdir(), "countersign-"));
  const sandbox = spawn(
    SANDBOX,
    ["--devices", String(devices), "--incident", String(incident), "--port", "0", "--data", data, "--console", CONSOLE, "--site", SITE],
    {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, LEPTOS_OUTPUT_NAME: "app", LEPTOS_SITE_ROOT: SITE, AWS_EC2_METADATA_DISABLED: "true" },
    },
  );
  const end = async () => {
    await stop(sandbox);
    rmSync(data, { recursive: true, force: true });
  };
  try {
    await ready(sandbox, data, keepLog(sandbox, "sandbox"));
  } catch (error) {
    await end();
    throw error;
  }
  return { data, stop: end };
}

async function ready(sandbox: ChildProcess, data: string, log: string): Promise<void> {
  const until = Date.now() + READY_WITHIN_MS;
  while (!existsSync(join(data, "sandbox.json"))) {
    if (hasEnded(sandbox)) {
      throw new Error(`the sandbox stopped by itself; see ${log}`);
    }
    if (Date.now() > until) {
      throw new Error(`the sandbox was not ready in ${READY_WITHIN_MS / 1000} s; see ${log}`);
    }
    await sleep(100);
  }
}
