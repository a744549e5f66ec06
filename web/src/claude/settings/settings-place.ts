/** Whose Claude the settings are of, and whether the person may change them. */
export interface SettingsPlace {
  readonly sessionId: string;
  readonly conversationId: string;
  readonly canUse: boolean;
}
