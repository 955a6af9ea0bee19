/** End of a hint where the chosen back end does not answer. */
export const ELSEWHERE =
  'or choose where secrets lie: `"secrets": {"backend": "encrypted-file"}`, `"command"` or `"environment"` in your settings';
