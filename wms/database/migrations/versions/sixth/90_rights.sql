select grant_rights();
