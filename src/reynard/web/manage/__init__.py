"""Set-up, at `/manage/`: what a desk is given once. Each page calls the same actions as the commands and the API."""
