"""The refused rows of a roster as a workbook: the upload's own columns, the bad cells marked, to be mended."""

from io import BytesIO

from base import audit
from members.returned import returned
from members.roster.plan import Plan


def export_refused(plan: Plan) -> BytesIO:
    """The rows that were not taken, under the rows down to the header as they stood in the upload."""
    audit.write(audit.Act.EXPORT, "roster", refused=len(plan.refused))
    return returned(plan.sheet, (row.cells for row in plan.refused))
