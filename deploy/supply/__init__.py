"""What careloop is made of: bills of material, licences, known weaknesses."""
