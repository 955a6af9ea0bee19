import { describe, expect, it } from "vitest";
import { hostPlatform, platformName } from "../../../marketplace/packages/host-platform.ts";
import { selectPackages } from "../../../marketplace/packages/select-packages.ts";
import { fitsPlatform, type LockedPackage } from "../../../schemas/packages/package-lock.ts";

const HERE = { os: "linux", cpu: "x64", libc: "glibc" };

function locked(path: string, more: Partial<LockedPackage> = {}): LockedPackage {
  const none = {
    version: "1.0.0",
    resolved: undefined,
    integrity: "",
    optional: true,
    os: [],
    cpu: [],
    libc: [],
    bin: {},
  };
  return { ...none, path, name: path, hasInstallScript: false, ...more };
}

describe("the platform of a package", () => {
  it.each<[Partial<Pick<LockedPackage, "os" | "cpu" | "libc">>, boolean]>([
    [{}, true],
    [{ os: ["linux"] }, true],
    [{ os: ["darwin", "linux"], cpu: ["x64"], libc: ["glibc"] }, true],
    [{ os: ["darwin"] }, false],
    [{ os: ["!win32"] }, true],
    [{ os: ["!linux"] }, false],
    [{ os: ["any"] }, true],
    [{ os: ["none"] }, false],
    [{ cpu: ["arm64"] }, false],
    [{ libc: ["musl"] }, false],
  ])("%j on Linux with glibc: %s", (wants, expected) => {
    expect(fitsPlatform({ os: [], cpu: [], libc: [], ...wants }, HERE)).toBe(expected);
  });

  it("that names a C library is for no system without one", () => {
    expect(fitsPlatform({ os: [], cpu: [], libc: ["glibc"] }, { os: "darwin", cpu: "arm64", libc: undefined })).toBe(
      false,
    );
  });

  it("of this machine has a name", () => {
    expect(platformName(hostPlatform())).toMatch(/^[a-z0-9]+-[a-z0-9]+(?:-(?:glibc|musl))?$/);
  });
});

describe("the packages of a machine", () => {
  it("lack what is optional and not for it, with everything below that", () => {
    const packages = [
      locked("node_modules/a", { optional: false }),
      locked("node_modules/mac", { os: ["darwin"] }),
      locked("node_modules/mac/node_modules/b"),
      locked("node_modules/mac-other"),
    ];
    const chosen = selectPackages({ file: "package-lock.json", packages, bundled: new Set() }, HERE);
    expect(chosen.map(({ path }) => path)).toEqual(["node_modules/a", "node_modules/mac-other"]);
  });

  it("cannot be had when a needed one is not for it", () => {
    const packages = [locked("node_modules/mac", { optional: false, os: ["darwin"] })];
    expect(() => selectPackages({ file: "package-lock.json", packages, bundled: new Set() }, HERE)).toThrow(
      "the package `node_modules/mac` is not made for linux-x64-glibc",
    );
  });
});
