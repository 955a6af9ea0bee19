import { readFileSync } from "node:fs";
import type { PackagePlatform } from "../../schemas/packages/package-lock.ts";
import { isSystemError } from "../../schemas/system-error.ts";

/** This machine as packages name it. */
export function hostPlatform(): PackagePlatform {
  return { os: process.platform, cpu: process.arch, libc: process.platform === "linux" ? libcOf() : undefined };
}

/** One word for a platform, e.g. `linux-x64-glibc`. */
export function platformName({ os, cpu, libc }: PackagePlatform): string {
  return [os, cpu, ...(libc === undefined ? [] : [libc])].join("-");
}

/** The loader that this very process was started by; a report of Node would say it too, and takes 17 ms. */
function libcOf(): string {
  try {
    return readFileSync("/proc/self/maps", "latin1").includes("/ld-musl-") ? "musl" : "glibc";
  } catch (error) {
    if (isSystemError(error)) return "glibc";
    throw error;
  }
}
