/** The options that name what profiles are signed with. */
export type SigningOption = 'sign_certificate' | 'sign_key' | 'sign_key_password_file';

/** A certificate or a key with which no profile can be signed. The message holds nothing of a file, nor its path. */
export class SigningError extends Error {
  override readonly name = 'SigningError';
  readonly exitStatus = 2;
  /** The option at fault. */
  readonly option: SigningOption;

  constructor(option: SigningOption, message: string, options?: ErrorOptions) {
    super(message, options);
    this.option = option;
  }
}
