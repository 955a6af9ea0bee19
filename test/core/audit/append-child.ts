/** A process of the test about a full disk: appends records that fit and that do not, and prints what came of each. */
import { openAudit } from "../../../core/audit/audit-log.ts";
import { isCodedError } from "../../../schemas/errors.ts";

const log = openAudit(process.argv[2] ?? "", () => new Date());
const came = [10, 5_000, 5_000, 10].map((characters) => {
  try {
    log.append({ action: "add", subject: "x".repeat(characters), outcome: "done" });
    return "done";
  } catch (error) {
    return isCodedError(error) ? error.code : String(error);
  }
});
log.seal();
console.log(came.join(" "));
