"""资金管理办法 as data: what one organisation's fund pays, to whom, decided how. Pure; no database here."""
