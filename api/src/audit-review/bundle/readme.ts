/** What somebody reads who was handed a bundle and knows nothing of the product. */
export const readme = `An export of the audit record of Remote Claude that proves itself
=================================================================

To check it, with Node 20 or newer and no network:

    node verify.mjs

It says what is proven and names what does not fit. It ends with 0 when all fits, with 1 when something does not, and
with 2 when it could not be checked. Compare the fingerprint of the key that it prints with the one that you were given
by somebody you trust, or say which keys you trust: node verify.mjs --trust <fingerprint>. Whoever does not trust this
script, which came in the same bundle, can write another one from what follows.

rows/       One JSON object a line: "line" is a row of the record as it was sealed, "seal" the number of its seal,
            "index" its place there, and "path" the hashes beside the way from it to the root, lowest first.
            The leaf is SHA-256 of a zero byte and the line, a node SHA-256 of a byte 1, the left and the right hash
            (RFC 9162). Rows that were not asked for are not in here: of them there are hashes alone.
seals/      Every seal of the record from the first one on, one a line: "header" is its text, "hash" the SHA-256 of
            that, "signature" an Ed25519 signature of the text. The header names the root, the number of rows, the key
            and the hash of the seal before.
keys.json   The public keys (SPKI, DER, in base64). The fingerprint is SHA-256 of one. A key but the first is vouched
            for by one before it, which signed "remote-claude audit key <fingerprint>".
unsealed/   Rows that were in no seal yet, mostly of the last minute. They are NOT proven by a seal.
manifest.json, manifest.sig
            Who exported what and when, with SHA-256 of each file, signed as "remote-claude audit export", a new line
            and the text of the manifest.

What this proves: these rows were sealed as they are here, in an unbroken chain up to the newest seal, and the bundle is
as it was exported. It does not prove that no other row fits the filters, nor that what was written was true. The number
and hash of the newest seal, kept elsewhere, prove that a later export continues the same record.
`;
