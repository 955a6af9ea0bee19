import { realpathSync } from "node:fs";
import { join } from "node:path";
import { openAudit } from "../../core/audit/index.ts";
import { enabledSet } from "../../core/discover/enabled-set.ts";
import { installedPlugins } from "../../core/discover/installed-plugins.ts";
import { Host } from "../../core/host.ts";
import type { HostPlugin } from "../../core/host-plugin.ts";
import { loadPolicy } from "../../core/settings/policy-documents.ts";
import { openConsentStore } from "../../core/trust/consent-store.ts";
import { readCurrent } from "../../marketplace/generations/generations.ts";
import { takeLease, type HeldLease } from "../../marketplace/generations/lease.ts";
import type { Home } from "../../marketplace/home.ts";
import { Store } from "../../marketplace/store/store.ts";
import type { Generation } from "../../schemas/generation.ts";
import { homeOf } from "../home.ts";
import { VERSION } from "../version.ts";
import { builtinPlugins } from "./builtin-plugins.ts";

/** What a host is opened for. */
export interface HostRequest {
  /** Absolute. */
  readonly directory: string;
  /** Folders of `--plugin-dir`. */
  readonly pluginDirectories: readonly string[];
  /** The value of `--settings`. */
  readonly settings: string | undefined;
  readonly trustWorkspace: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly verbose: boolean;
}

/** An open host with what it holds; the caller closes it. */
export interface OpenedHost {
  readonly host: Host;
  /** What a person should know about how it was opened. */
  readonly remarks: readonly string[];
  /** Takes what is installed now instead of what was installed then. */
  readonly reload: () => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
}
