"""The look of answers: JupyterLab's theme variables, with its light theme as fallback."""

from typing import Final

TONE_OF_STATUS: Final = {
    "connected": "ok",
    "needs authorization": "todo",
    "revoked": "off",
    "failed": "bad",
}


def _svg(tone: str, shapes: str) -> str:
    return (
        f'<svg class="conn-out-icon conn-out-{tone}" viewBox="0 0 16 16" width="16" '
        f'height="16" aria-hidden="true">{shapes}</svg>'
    )


#: Shape says it first, words second, colour third.
ICONS: Final = {
    "ok": _svg(
        "ok", '<circle cx="8" cy="8" r="6.25"/><path d="m5.3 8.2 1.9 1.9 3.6-4"/>'
    ),
    "todo": _svg(
        "todo",
        '<circle cx="5.4" cy="10.6" r="2.9"/><path d="m7.6 8.4 5.6-5.6M10.6 5.4l2 2"/>',
    ),
    "off": _svg(
        "off", '<circle cx="8" cy="8" r="6.25"/><path d="M6.4 5.8v4.4M9.6 5.8v4.4"/>'
    ),
    "bad": _svg(
        "bad",
        '<path d="M5.4 1.75h5.2l3.65 3.65v5.2l-3.65 3.65H5.4L1.75 10.6V5.4z"/>'
        '<path d="m6 6 4 4M10 6l-4 4"/>',
    ),
}

# The doubled class outweighs the table rules of JupyterLab's rendered HTML.
STYLE: Final = """<style>
.conn-out.conn-out { --ink: var(--jp-ui-font-color0, #000); --page: var(--jp-layout-color1, #fff);
  --line: var(--jp-border-color2, #e0e0e0); --mute: color-mix(in srgb, var(--ink) 62%, transparent);
  color: var(--jp-ui-font-color1, rgba(0, 0, 0, .87)); padding: 4px 0;
  font: var(--jp-ui-font-size1, 13px)/1.5 var(--jp-ui-font-family, system-ui, sans-serif); }
.conn-out.conn-out .conn-out-ok { --tone: var(--jp-success-color1, #388e3c); }
.conn-out.conn-out .conn-out-todo { --tone: var(--jp-warn-color1, #f57c00); }
.conn-out.conn-out .conn-out-bad { --tone: var(--jp-error-color1, #d32f2f); }
.conn-out.conn-out .conn-out-off { --tone: var(--ink); }
.conn-out .conn-out-title { font-size: 1.3em; font-weight: 600; color: var(--ink); margin-bottom: 8px; }
.conn-out .conn-out-heading { font-weight: 600; color: var(--ink); margin: 16px 0 6px; }
.conn-out .conn-out-note, .conn-out .conn-out-muted, .conn-out small { color: var(--mute); }
.conn-out .conn-out-note { font-size: .925em; margin-top: 6px; }
.conn-out small { font-size: .925em; }
.conn-out .conn-out-line { display: flex; align-items: flex-start; gap: 8px; margin: 2px 0; }
.conn-out.conn-out code { font: .9em/1.4 var(--jp-code-font-family, monospace); color: var(--mute);
  background: none; padding: 0; overflow-wrap: anywhere; }
.conn-out.conn-out pre { margin: 0; padding: 10px 14px; overflow-x: auto; white-space: pre;
  font: var(--jp-code-font-size, 13px)/1.5 var(--jp-code-font-family, monospace); color: inherit;
  border: 1px solid var(--jp-cell-editor-border-color, #e0e0e0); border-radius: 4px;
  background: var(--jp-cell-editor-background, #f5f5f5); }
.conn-out .conn-out-wide { overflow-x: auto; }
.conn-out.conn-out table code { overflow-wrap: break-word; }
.conn-out.conn-out code.conn-out-command { white-space: nowrap; }
.conn-out.conn-out table { border-collapse: collapse; margin: 0; border: 0; color: inherit;
  font-size: inherit; table-layout: auto; }
.conn-out.conn-out table.conn-out-table { min-width: 60%; }
.conn-out.conn-out.conn-out tr { background: none; }
.conn-out.conn-out.conn-out :is(th, td) { border: 0; padding: 7px 20px 7px 0; text-align: start;
  vertical-align: top; max-width: 34em; white-space: normal; font-variant-numeric: tabular-nums; }
.conn-out.conn-out .conn-out-table :is(th, td) { border-bottom: 1px solid var(--line); }
.conn-out.conn-out .conn-out-table tr:last-child td { border-bottom: 0; }
.conn-out.conn-out .conn-out-table th { font-size: .925em; font-weight: 500; color: var(--mute); white-space: nowrap; }
.conn-out.conn-out.conn-out .conn-out-facts :is(th, td) { padding: 3px 20px 3px 0; }
.conn-out.conn-out .conn-out-facts th { font-weight: 400; color: var(--mute); white-space: nowrap; }
.conn-out strong { font-weight: 600; color: var(--ink); white-space: nowrap; }
.conn-out .conn-out-icon { flex: none; width: 16px; height: 16px; margin-top: 2px; fill: none; stroke: currentColor;
  stroke-width: 1.5; stroke-linecap: round; stroke-linejoin: round; vertical-align: -3px;
  color: color-mix(in srgb, var(--tone, var(--ink)) 72%, var(--ink)); }
.conn-out .conn-out-pill { display: inline-flex; align-items: center; gap: 6px; padding: 1px 9px 1px 6px;
  border-radius: 11px; white-space: nowrap; background: color-mix(in srgb, var(--tone, transparent) 12%, transparent); }
.conn-out .conn-out-pill .conn-out-icon { margin: 0; width: 14px; height: 14px; }
.conn-out .conn-out-pill.conn-out-ok { background: none; padding-left: 0; }
.conn-out.conn-out a.conn-out-button { display: inline-block; padding: 6px 12px; border-radius: 4px; font-weight: 500;
  color: var(--jp-ui-inverse-font-color1, #fff); background: var(--jp-brand-color1, #1976d2); text-decoration: none; }
.conn-out a:focus-visible { outline: 2px solid var(--jp-brand-color1, #1976d2); outline-offset: 2px; }
</style>"""
