/** A reason not to start, or to stop, that people can do something about: said without a stack. */
export class Failure extends Error {
  override name = "Failure";
  /** What to do about it. */
  readonly hint: string | undefined;

  constructor(message: string, hint?: string, options?: ErrorOptions) {
    super(message, options);
    this.hint = hint;
  }
}
