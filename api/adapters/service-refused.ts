/** A service that the settings name cannot be used; the message is for the operator and begins with the setting. */
export class ServiceRefused extends Error {
  override name = 'ServiceRefused';
}
