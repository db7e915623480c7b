"""年度评选, step by step (M03): places, nomination, recommendation, review, decision, notice, award."""
