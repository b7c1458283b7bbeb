// Starts one sandbox for all tests, from the programs that `cargo xtask build` made, and stops it afterwards.
import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type { FullConfig } from "@playwright/test";

import { DATA, readSandbox } from "./sandbox.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const READY_WITHIN_MS = 180_000;

/** `metadata.devices` of the configuration is how many healthy devices there are. */
export default async function start(config: FullConfig): Promise<() => Promise<void>> {
  const running = process.env[DATA];
  if (running) {
    readSandbox(); // somebody else's sandbox: use it, leave it running
    return async () => {};
  }
  const data = mkdtempSync(join(tmpdir(), "countersign-"));
  const built = join(ROOT, "target/debug");
  const site = join(ROOT, "target/site");
  const program = join(built, "sandbox");
  if (!existsSync(program) || !existsSync(join(site, "pkg/app.wasm"))) {
    throw new Error("nothing to test is built: run cargo xtask build");
  }
  const log = join(ROOT, "target/end2end-sandbox.log");
  const sandbox = spawn(
    program,
    ["--devices", String(config.metadata.devices), "--port", "0", "--data", data, "--console", join(built, "countersign"), "--site", site],
    {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, LEPTOS_OUTPUT_NAME: "app", LEPTOS_SITE_ROOT: site, AWS_EC2_METADATA_DISABLED: "true" },
    },
  );
  const file = createWriteStream(log, { flags: "w" });
  sandbox.stdout?.pipe(file);
  sandbox.stderr?.pipe(file);

  try {
    await ready(sandbox, data, log);
  } catch (error) {
    await stop(sandbox, data);
    throw error;
  }
  process.env[DATA] = data;
  return () => stop(sandbox, data);
}

async function ready(sandbox: ChildProcess, data: string, log: string): Promise<void> {
  const until = Date.now() + READY_WITHIN_MS;
  while (!existsSync(join(data, "sandbox.json"))) {
    if (sandbox.exitCode !== null || sandbox.signalCode !== null) {
      throw new Error(`the sandbox stopped by itself; see ${log}`);
    }
    if (Date.now() > until) {
      throw new Error(`the sandbox was not ready in ${READY_WITHIN_MS / 1000} s; see ${log}`);
    }
    await sleep(100);
  }
}

/** Asks it to stop as Ctrl-C does; insists after ten seconds. */
async function stop(sandbox: ChildProcess, data: string): Promise<void> {
  const gone = new Promise<void>((done) => {
    if (sandbox.exitCode !== null || sandbox.signalCode !== null) done();
    else sandbox.once("exit", () => done());
  });
  sandbox.kill("SIGINT");
  const insist = setTimeout(() => sandbox.kill("SIGKILL"), 10_000);
  await gone;
  clearTimeout(insist);
  rmSync(data, { recursive: true, force: true });
}
