/** The modules of a QR code with the quiet zone around it, row by row; true: dark. */
export type QrModules = readonly (readonly boolean[])[];

/** Makes QR codes (ISO/IEC 18004). */
export interface QrEncoder {
  /** Undefined: the text is too long, or no encoder is installed. */
  encode(text: string): Promise<QrModules | undefined>;
}
