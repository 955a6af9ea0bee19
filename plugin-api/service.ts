import type { Registration } from "./disposable.ts";

/** Names a service and its interface; across a process border its methods take and return JSON values. */
export interface Service<Interface> {
  /** `<plugin id or "plugsmith">/<name>`. */
  readonly key: string;
  /** Type only. */
  readonly interface?: Interface | undefined;
}

/** Offers and uses services. */
export interface Serving {
  /** The manifest must name the service under `provides`. */
  provide<Interface>(service: Service<Interface>, implementation: Interface): Registration;
  /** Activates the provider. Throws `E_SERVICE_MISSING` naming the service when no enabled plugin provides it. */
  use<Interface>(service: Service<Interface>): Promise<Interface>;
  /** As `use`, `undefined` when nobody provides it. */
  find<Interface>(service: Service<Interface>): Promise<Interface | undefined>;
}

/** Names a service. */
export function defineService<Interface>(key: string): Service<Interface> {
  return { key };
}
