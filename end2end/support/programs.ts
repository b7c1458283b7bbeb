// The programs that `cargo xtask build` made, as child processes.
import type { ChildProcess } from "node:child_process";
import { createWriteStream, existsSync } from "node:fs";
import { join, resolve } from "node:path";

const TARGET = resolve(import.meta.dirname, "../../target");

export const SANDBOX = join(TARGET, "debug/sandbox");
export const CONSOLE = join(TARGET, "debug/countersign");
/** Which of the runs beside each other this one is. */
const RUN = process.env.COUNTERSIGN_RUN ?? "one";
/** The browser's files. */
export const SITE = join(TARGET, "site");

/** Says what to do if there is nothing to test. */
export function expectBuilt(): void {
  if (![SANDBOX, CONSOLE, join(SITE, "pkg")].every((file) => existsSync(file))) {
    throw new Error("nothing to test is built: run cargo xtask build");
  }
}

/** Keeps what a program says; gives the name of the file. */
export function keepLog(program: ChildProcess, name: string): string {
  const log = join(TARGET, `end2end-${RUN}-${name}.log`);
  const file = createWriteStream(log, { flags: "w" });
  program.stdout?.pipe(file);
  program.stderr?.pipe(file);
  return log;
}

/** Asks it to stop as Ctrl-C does; insists after ten seconds. */
export async function stop(program: ChildProcess): Promise<void> {
  const gone = new Promise<void>((done) => {
    if (hasEnded(program)) done();
    else program.once("exit", () => done());
  });
  program.kill("SIGINT");
  const insist = setTimeout(() => program.kill("SIGKILL"), 10_000);
  await gone;
  clearTimeout(insist);
}

export function hasEnded(program: ChildProcess): boolean {
  return program.exitCode !== null || program.signalCode !== null;
}
