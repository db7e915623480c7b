"""党费减免: a decision that a member pays less or no dues for some months. No money moves."""
