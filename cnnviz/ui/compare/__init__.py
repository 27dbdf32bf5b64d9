"""The Compare page: two to six networks beside each other."""
